"""The applicant's pages, phone first: one question a page, and what the answers mean."""
