"""Reports: handed in, checked by the court, corrected, served.

Words: report (评估报告), check (审查), order to explain or correct (责令说明或者补正), service (发送).
"""
