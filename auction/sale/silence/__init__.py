"""What a list leaves unclear about a buyer before the ruling: no answer, or answers that contradict each other.

- *unclear* (查询未明): no keeper has answered of late about this list, or their newest answers differ.
- *wait* (等待期): how long a ruling waits for a silent list before the panel may be asked.
- *paper answer* (书面答复): a keeper's answer brought on paper by one officer and compared by another.
"""
