package loader

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// Limits bound what one file may take, so that no file can exhaust memory.
// Zero means the default.
type Limits struct {
	FileBytes  int64 // bytes of a file after decompression; 256 MiB
	Values     int64 // values of a file, as its commas and brackets tell; 10,000,000
	ValueBytes int64 // bytes of one row, object or string; 16 MiB
	Depth      int   // objects and arrays within each other; 10,000, which is also the most
	Rows       int   // rows of a mapping file; 1,000,000
}

func (l Limits) withDefaults() Limits {
	l.FileBytes = cmp.Or(l.FileBytes, 256<<20)
	l.Values = cmp.Or(l.Values, 10_000_000)
	l.ValueBytes = cmp.Or(l.ValueBytes, 16<<20)
	l.Depth = cmp.Or(l.Depth, 10_000)
	l.Rows = cmp.Or(l.Rows, 1_000_000)
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
	disk   io.Reader // the file's bytes, which sum has seen
	budget *budgetReader
	dec    *jsontext.Decoder

	invalidUTF8 int
	scratch     []byte
	keys        [][]byte // the key at hand of each open object, outermost first
	open        int      // how many of keys are in use
}

// openInput opens a file, decompressing it if its name ends in .gz.
func openInput(fsys fs.FS, path string, limits Limits, in *interner) (*input, error) {
	file, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	i := &input{path: path, fsys: fsys, limits: limits.withDefaults(), intern: in, file: file, sum: sha256.New()}
	i.disk = io.TeeReader(file, i.sum)
	text, err := plainText(path, i.disk)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	i.budget = &budgetReader{r: skipMark(text), value: i.limits.ValueBytes, file: i.limits.FileBytes, values: i.limits.Values}
	i.dec = jsontext.NewDecoder(i.budget, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return i, nil
}

func plainText(path string, r io.Reader) (io.Reader, error) {
	if !isZipped(path) {
		return r, nil
	}
	zr, err := gzip.NewReader(r)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, gzip.ErrHeader):
		return nil, errors.New("not a gzip file")
	case err != nil:
		return nil, fmt.Errorf("not a gzip file: %w", err)
	}
	return zr, nil
}

func isZipped(path string) bool { return strings.HasSuffix(strings.ToLower(path), ".gz") }

// skipMark leaves out a UTF-8 byte order mark.
func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, 64<<10)
	if head, err := b.Peek(3); err == nil && bytes.Equal(head, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	return b
}

func (i *input) close() { _ = i.file.Close() }

// errTrailing says that a file goes on behind its JSON value.
var errTrailing = errors.New("something follows the JSON value")

// finish reads what is left, which may only be blank, and gives the SHA-256 of
// the file as it is on disk.
func (i *input) finish() ([]byte, error) {
	i.budget.reset()
	if _, err := i.dec.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errTrailing
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
// must consume each value. The key holds until member returns.
func (i *input) object(member func(key []byte) error) error {
	level := i.open
	if level == len(i.keys) {
		i.keys = append(i.keys, nil)
	}
	i.open++
	defer func() { i.open-- }()
	return i.walk('{', "an object", func() error {
		name, err := i.dec.ReadValue()
		if err != nil {
			return err
		}
		// The decoder overwrites the name with its next read.
		i.keys[level] = i.unquote(i.keys[level][:0], name)
		return member(i.keys[level])
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
	if i.dec.StackDepth() > i.limits.Depth {
		return i.tooDeep()
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

// skip consumes the next value, which counts towards the budget as a whole.
func (i *input) skip() error { return i.consume(false) }

// skim consumes the next value, however large: only each string of it must keep
// within the budget.
func (i *input) skim() error { return i.consume(true) }

func (i *input) consume(renew bool) error {
	outside := i.dec.StackDepth()
	for {
		if renew {
			i.budget.reset()
		}
		if _, err := i.dec.ReadToken(); err != nil {
			return err
		}
		switch depth := i.dec.StackDepth(); {
		case depth <= outside:
			return nil
		case depth > i.limits.Depth:
			return i.tooDeep()
		}
	}
}

// raw gives the next value's text, valid until the next read.
func (i *input) raw() (jsontext.Value, error) {
	outside := i.dec.StackDepth()
	v, err := i.dec.ReadValue()
	if err == nil && outside+depthOf(v, i.limits.Depth-outside) > i.limits.Depth {
		return nil, i.tooDeep()
	}
	return v, err
}

func (i *input) tooDeep() error {
	return &limitError{fmt.Sprintf("nested deeper than the limit of %d", i.limits.Depth)}
}

// depthOf tells how deep a valid value is nested. It is exact only for values
// deeper than enough: others have too few brackets, which is quickly told.
func depthOf(v jsontext.Value, enough int) int {
	if n := bytes.Count(v, []byte{'{'}) + bytes.Count(v, []byte{'['}); n <= enough {
		return n
	}
	depth, deepest := 0, 0
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '"':
			i += stringEnd(v[i:]) - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// unquote appends the text of a JSON string to dst, replacing invalid UTF-8.
func (i *input) unquote(dst []byte, quoted jsontext.Value) []byte {
	inner := quoted[1 : len(quoted)-1]
	valid := utf8.Valid(inner)
	if valid && bytes.IndexByte(inner, '\\') < 0 {
		return append(dst, inner...)
	}
	// The error says that something was replaced: invalid bytes or half of a
	// surrogate pair.
	out, err := jsontext.AppendUnquote(dst, quoted)
	if !valid || err != nil {
		i.invalidUTF8++
	}
	return out
}

// text reads the next value as a string, which is empty for null. Another type
// is a shapeError, and the value is consumed all the same.
func (i *input) text() (string, error) {
	v, err := i.raw()
	if err != nil {
		return "", err
	}
	switch v.Kind() {
	case 'n':
		return "", nil
	case '"':
		i.scratch = i.unquote(i.scratch[:0], v)
		return i.intern.bytes(i.scratch), nil
	}
	return "", &shapeError{want: "a string", got: kindName(v.Kind())}
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
	if offset, ok := i.placeOf(err); ok {
		e.Line = i.lineOf(offset)
	}
	return e
}

// placeOf tells where in the text an error arose. One that is found after the
// whole value was read, such as missing metadata, is of the file and has no place.
func (i *input) placeOf(err error) (offset int64, ok bool) {
	var syntax *jsontext.SyntacticError
	var limit *limitError
	var read *readError
	switch {
	case errors.As(err, &syntax):
		return syntax.ByteOffset, true
	case errors.As(err, &limit), errors.As(err, &read), errors.Is(err, errTrailing):
		return i.dec.InputOffset(), true
	}
	return i.dec.InputOffset(), i.dec.StackDepth() > 0
}

func (i *input) lineOf(offset int64) int {
	file, err := i.fsys.Open(i.path)
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	text, err := plainText(i.path, file)
	if err != nil {
		return 0
	}
	return 1 + countLines(skipMark(text), offset)
}

func (i *input) explain(err error) string {
	var limit *limitError
	var read *readError
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &limit):
		return limit.Error()
	case errors.As(err, &read):
		return i.explainRead(read.err)
	case errors.Is(err, io.EOF) && i.dec.InputOffset() == 0:
		return "the file is empty"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the file ends in the middle of a value"
	case errors.As(err, &syntax):
		return "not valid JSON: " + withoutQuotes(strings.TrimPrefix(syntax.Err.Error(), "jsontext: "))
	}
	return err.Error()
}

// withoutQuotes leaves out what an error of the parser quotes of the file, which
// may be another one than its name says, and keeps what the parser expected.
func withoutQuotes(message string) string {
	said, expected, found := strings.Cut(message, " (expecting ")
	said = quotation.ReplaceAllString(said, "")
	if found {
		said += " (expecting " + expected
	}
	return said
}

var quotation = regexp.MustCompile("[ ]('(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)")

func (i *input) explainRead(err error) string {
	switch {
	case !isZipped(i.path):
		return err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the compressed file is cut short"
	}
	return "the compressed file is damaged: " + strings.TrimPrefix(err.Error(), "gzip: ")
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

// budgetReader stops a file that is too long, one that is of too many values,
// and a value that is too long: the decoder holds a whole value in memory, so
// what it reads between two resets bounds that memory.
type budgetReader struct {
	r           io.Reader
	value, file int64
	used, total int64
	values      int64 // that may still come
}

// limitError says which limit a file is beyond.
type limitError struct{ reason string }

func (e *limitError) Error() string { return e.reason }

// readError tells a failure to read a file from a mistake in its text.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

func (b *budgetReader) reset() { b.used = 0 }

func (b *budgetReader) Read(p []byte) (int, error) {
	switch {
	case b.used >= b.value:
		return 0, &limitError{fmt.Sprintf("one value is larger than the limit of %d bytes", b.value)}
	case b.total >= b.file:
		return 0, b.end()
	case b.values < 0:
		return 0, &limitError{"the file has more values, counted by commas and brackets, than the limit"}
	}
	p = p[:min(int64(len(p)), b.value-b.used, b.file-b.total)]
	n, err := b.r.Read(p)
	b.used += int64(n)
	b.total += int64(n)
	b.values -= separators(p[:n])
	if err != nil && !errors.Is(err, io.EOF) {
		err = &readError{err}
	}
	return n, err
}

// separators counts what stands before a value. A few bytes of a small file can
// be many values, each of which takes time, whatever it says. Those within
// strings count too, since telling them apart would take longer than it saves.
func separators(text []byte) int64 {
	return int64(bytes.Count(text, []byte{','}) + bytes.Count(text, []byte{'['}) + bytes.Count(text, []byte{'{'}))
}

// end tells a file that is as long as its limit from one that is longer.
func (b *budgetReader) end() error {
	var one [1]byte
	switch n, err := io.ReadFull(b.r, one[:]); {
	case n > 0:
		return &limitError{fmt.Sprintf("the file, decompressed, is larger than the limit of %d bytes", b.file)}
	case !errors.Is(err, io.EOF):
		return &readError{err}
	}
	return io.EOF
}
