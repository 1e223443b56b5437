"""Rows as the model sees them: rendered by its own chat template, as tokens, with what is learned of them"""
