"""The mandate of one agency: sent, received, accepted or declined, asked about, inspected, extended, called back.

Words: mandate (评估委托), answer (接受或者不接受), question (询问), material (评估材料), file back (退回材料).
"""
