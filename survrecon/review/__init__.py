"""The local page on which a person checks and corrects a reading, and what two readers agree on."""
