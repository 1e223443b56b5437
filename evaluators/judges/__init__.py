"""Models as judges: what they are asked, how their replies are read, and whether they may be believed"""
