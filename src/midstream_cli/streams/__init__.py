"""How frames get in: transports bring bytes, formats make frames of them, features make vectors of frames."""
