"""The face: configuration, sign-in, navigation and the parts that pages share."""
