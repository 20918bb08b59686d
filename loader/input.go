package loader

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Limits bound what one file may take, so that no file can exhaust memory.
// Zero means the default.
type Limits struct {
	FileBytes  int64 // bytes of a file after decompression; 1 GiB
	ValueBytes int64 // bytes of one row, object or string; 16 MiB
}

func (l Limits) withDefaults() Limits {
	if l.FileBytes == 0 {
		l.FileBytes = 1 << 30
	}
	if l.ValueBytes == 0 {
		l.ValueBytes = 16 << 20
	}
	return l
}

// input reads one JSON file as a stream. It forgives what real files do —
// a byte order mark, duplicate keys, invalid UTF-8 — and counts it, and it
// refuses what would take more than its limits.
type input struct {
	path   string
	fsys   fs.FS
	limits Limits
	intern *interner

	file   fs.File
	sum    hash.Hash
	disk   *countingReader
	budget *budgetReader
	dec    *jsontext.Decoder

	invalidUTF8 int
	scratch     []byte
}

// openInput opens a file, decompressing it if its name ends in .gz.
func openInput(fsys fs.FS, path string, limits Limits, in *interner) (*input, error) {
	file, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	i := &input{path: path, fsys: fsys, limits: limits.withDefaults(), intern: in, file: file, sum: sha256.New()}
	i.disk = &countingReader{r: io.TeeReader(file, i.sum)}
	text, err := plainText(path, i.disk)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	i.budget = &budgetReader{r: skipMark(text), value: i.limits.ValueBytes, file: i.limits.FileBytes}
	i.dec = jsontext.NewDecoder(i.budget, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return i, nil
}

func plainText(path string, r io.Reader) (io.Reader, error) {
	if !strings.HasSuffix(path, ".gz") {
		return r, nil
	}
	zr, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("not a gzip file: %w", err)
	}
	return zr, nil
}

// skipMark leaves out a UTF-8 byte order mark.
func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	if head, err := b.Peek(3); err == nil && bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	return b
}

func (i *input) close() { _ = i.file.Close() }

// finish reads what is left, which may only be blank, and gives the SHA-256 of
// the file as it is on disk.
func (i *input) finish() ([]byte, error) {
	i.budget.reset()
	if _, err := i.dec.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("something follows the JSON value")
		}
		return nil, err
	}
	if _, err := io.Copy(io.Discard, i.disk); err != nil {
		return nil, err
	}
	return i.sum.Sum(nil), nil
}

// kind tells what comes next: '{', '[', '"', '0', 't', 'f', 'n', or 0 on an error.
func (i *input) kind() jsontext.Kind { return i.dec.PeekKind() }

// object walks the members of the next value, which must be an object; member
// must consume each value.
func (i *input) object(member func(key []byte) error) error {
	return i.walk('{', "an object", func() error {
		name, err := i.dec.ReadValue()
		if err != nil {
			return err
		}
		// The name is overwritten by the next read, so member gets a copy.
		var buf [64]byte
		return member(i.unquote(buf[:0], name))
	})
}

// array walks the elements of the next value, which must be an array; element
// must consume each one.
func (i *input) array(element func(n int) error) error {
	n := 0
	return i.walk('[', "an array", func() error {
		n++
		return element(n - 1)
	})
}

func (i *input) walk(open jsontext.Kind, what string, step func() error) error {
	if k := i.dec.PeekKind(); k != open && k != 0 {
		return &shapeError{want: what, got: kindName(k)}
	}
	if _, err := i.dec.ReadToken(); err != nil {
		return err
	}
	for {
		switch i.dec.PeekKind() {
		case '}', ']':
			_, err := i.dec.ReadToken()
			return err
		case 0:
			_, err := i.dec.ReadToken()
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
}

// skip consumes the next value.
func (i *input) skip() error { return i.dec.SkipValue() }

// raw gives the next value's text, valid until the next read.
func (i *input) raw() (jsontext.Value, error) { return i.dec.ReadValue() }

// unquote appends the text of a JSON string to dst, replacing invalid UTF-8.
func (i *input) unquote(dst []byte, quoted jsontext.Value) []byte {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return append(dst, inner...)
	}
	if !utf8.Valid(inner) {
		i.invalidUTF8++
	}
	out, err := jsontext.AppendUnquote(dst, quoted)
	if err != nil && utf8.Valid(inner) {
		// Lone surrogates: the text stands with replacement characters.
		i.invalidUTF8++
	}
	return out
}

// text reads the next value as a string; null is none. Another type is a
// shapeError, and the value is consumed all the same.
func (i *input) text() (s string, present bool, err error) {
	v, err := i.dec.ReadValue()
	if err != nil {
		return "", false, err
	}
	switch v.Kind() {
	case 'n':
		return "", false, nil
	case '"':
		i.scratch = i.unquote(i.scratch[:0], v)
		return i.intern.bytes(i.scratch), true, nil
	}
	return "", false, &shapeError{want: "a string", got: kindName(v.Kind())}
}

// shapeError says that a value has the wrong type. The value may have been
// consumed; see the method that returned it.
type shapeError struct{ want, got string }

func (e *shapeError) Error() string { return fmt.Sprintf("expected %s, found %s", e.want, e.got) }

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "no JSON"
}

// refusal explains an error for the import report, with the line where reading
// stopped. The line is counted only now, by reading the file again.
func (i *input) refusal(row int, err error) *kg.FileError {
	e := &kg.FileError{Row: row, Reason: i.explain(err)}
	if file, openErr := i.fsys.Open(i.path); openErr == nil {
		defer func() { _ = file.Close() }()
		if text, zipErr := plainText(i.path, file); zipErr == nil {
			e.Line = 1 + countLines(text, i.dec.InputOffset())
		}
	}
	return e
}

func (i *input) explain(err error) string {
	var tooBig *budgetError
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &tooBig):
		return tooBig.Error()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the file ends in the middle of a value"
	case errors.As(err, &syntax):
		return "not valid JSON: " + strings.TrimPrefix(syntax.Err.Error(), "jsontext: ")
	}
	return err.Error()
}

func countLines(r io.Reader, limit int64) int {
	buf := make([]byte, 64<<10)
	lines := 0
	for limit > 0 {
		n, err := r.Read(buf[:min(int64(len(buf)), limit)])
		lines += bytes.Count(buf[:n], []byte{'\n'})
		limit -= int64(n)
		if err != nil {
			break
		}
	}
	return lines
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// budgetReader stops a file that is too long, and a value that is: the decoder
// holds a whole value in memory, so what it reads between two resets bounds
// that memory.
type budgetReader struct {
	r           io.Reader
	value, file int64
	used, total int64
}

type budgetError struct {
	what  string
	limit int64
}

func (e *budgetError) Error() string {
	return fmt.Sprintf("%s is larger than the limit of %d bytes", e.what, e.limit)
}

func (b *budgetReader) reset() { b.used = 0 }

func (b *budgetReader) Read(p []byte) (int, error) {
	switch {
	case b.used >= b.value:
		return 0, &budgetError{"one value", b.value}
	case b.total >= b.file:
		return 0, &budgetError{"the file, decompressed,", b.file}
	}
	p = p[:min(int64(len(p)), b.value-b.used, b.file-b.total)]
	n, err := b.r.Read(p)
	b.used += int64(n)
	b.total += int64(n)
	return n, err
}
