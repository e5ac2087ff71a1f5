"""Methods (确定参考价的方式): their lawful order, each one tried a step of the file with its ground.

Words: step 步骤; ground 理由; request for a method 方式申请; circumstance 情形.
"""
