"""Targeted inquiry (定向询价) to the authority that holds a tax base or a guide price: letter, deadline, answer or silence.

Words: authority 主管部门; tax base 计税基准价; guide price 政府指导价; letter 函.
"""
