"""Who does what inside an institution: its manager gives its own people their parts.

Words: part 分工; manager 机构负责人; appraiser 评估师; clerk 文员; to name 指定; to end 终止.
"""
