"""Methods (确定参考价的方式): their lawful order, and the online inquiry (网络询价) of all listed platforms."""
