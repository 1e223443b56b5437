"""The second stage: an adapter goes on learning which of two replies people preferred"""
