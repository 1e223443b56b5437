"""The verbs: one public function a file, `verb(store, ...) -> typed result`; every face calls these."""
