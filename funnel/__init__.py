"""The rules: lifecycle, scoring, BANT, routing, periods and reports. Pure: no I/O, no clock, no chance."""
