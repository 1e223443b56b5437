"""What a better prompt can do before anything is trained: recipes, examples, the search over them, and its cost"""
