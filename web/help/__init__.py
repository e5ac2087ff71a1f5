"""Help with the site: tickets (求助单) asked by people, answered inside the system, with a clock of the house. No command of the court, no part of the case file.

Words: ticket (求助单), category (类别), desk (服务台), look-up code (查询码).
"""
