"""The leak guard on a version of a store: searched once, remembered, and held to what people ruled."""
