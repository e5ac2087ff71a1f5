"""Over all methods: which ways to a price are open or closed and why, their clocks, and the withdrawal of one.

Words: way 途径; clock 期限; withdrawal 撤回.
"""
