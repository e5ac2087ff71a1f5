"""The catalogue (拍品目录): how everybody finds a lot among all that were ever announced, and what became of them.

A *search* is what somebody looks for, as the address of its page has it; an *entry* is what the catalogue holds of one lot.
"""
