"""Methods that rebuild patients: from a curve (`reconstruct`), or from printed numbers (`summary`)."""
