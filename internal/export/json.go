package export

import (
	"bytes"
	"encoding/json"
)

// indented writes a document as people read it.
func indented(doc any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(doc)
	return out.Bytes(), err
}
