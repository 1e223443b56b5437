"""Saved prompts at work: as arms of an evaluation, and the ground that a climb of the prompt ladder stands on"""
