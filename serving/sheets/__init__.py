"""Sheets of clerks: workbooks and CSV read with care, cells written so that no program runs them, letters written."""
