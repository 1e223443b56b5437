"""What a run will take before it is begun, and which method, card and base model to take"""
