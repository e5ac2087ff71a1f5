"""The carrier of mail and text messages: it keeps what it would have carried, for the test and for whoever tries the demonstration."""
