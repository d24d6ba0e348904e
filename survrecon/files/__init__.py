"""Every file that is read or written: delimited text, points, projects of other digitizers, patients, outputs."""
