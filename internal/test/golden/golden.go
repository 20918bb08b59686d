// Package golden holds versions to what they are versions of: a result that
// changes while its version does not is a mistake.
package golden

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Versioned is a result that others keep under a version.
type Versioned struct {
	Name    string
	Version string // what has to change when the result does
	Source  string // where the version is written
	Input   any    // what the result was made of
	Output  any
}

// Hold compares a result with the one that a file remembers for its version. A
// result of the same input that changed under the same version fails the test;
// what is new, or has a new version or input, is remembered when MAPGRAPH_UPDATE
// is 1, and fails the test until then.
func Hold(t *testing.T, file string, v Versioned) {
	t.Helper()
	line := fmt.Sprintf("%s %s %s %s", v.Name, v.Version, Digest(v.Input), Digest(v.Output))
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(strings.Split(string(text), "\n"), func(s string) bool { return s == "" })
	i := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, v.Name+" ") })
	if i >= 0 && lines[i] == line {
		return
	}
	if i >= 0 && sameButOutput(lines[i], line) {
		t.Fatalf("what is made of %s changed, and its version %s did not: raise the version in %s, then run the test once with MAPGRAPH_UPDATE=1", v.Name, v.Version, v.Source)
	}
	if os.Getenv("MAPGRAPH_UPDATE") != "1" {
		t.Fatalf("%s does not know version %s of %s: run the test once with MAPGRAPH_UPDATE=1", file, v.Version, v.Name)
	}
	if i >= 0 {
		lines[i] = line
	} else {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sameButOutput(a, b string) bool {
	return a[:strings.LastIndexByte(a, ' ')] == b[:strings.LastIndexByte(b, ' ')]
}

// Digest is a hash of a value and of all that it holds, except what is zero: a
// field that nothing fills yet changes nothing. Fields that are not exported,
// which are made of the others, do not count.
func Digest(v any) string {
	d := digester{sha256.New()}
	d.value(reflect.ValueOf(v))
	return hex.EncodeToString(d.Sum(nil)[:12])
}

type digester struct{ hash.Hash }

func (d digester) text(s string) {
	_, _ = d.Write(append(binary.BigEndian.AppendUint64(nil, uint64(len(s))), s...))
}

func (d digester) number(n uint64) { _, _ = d.Write(binary.BigEndian.AppendUint64(nil, n)) }

func (d digester) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Invalid:
		d.text("nil")
	case reflect.Pointer, reflect.Interface:
		d.value(v.Elem())
	case reflect.String:
		d.text(v.String())
	case reflect.Bool:
		d.text(fmt.Sprint(v.Bool()))
	case reflect.Float32, reflect.Float64:
		d.number(math.Float64bits(v.Float()))
	case reflect.Slice, reflect.Array:
		d.number(uint64(v.Len()))
		for i := range v.Len() {
			d.value(v.Index(i))
		}
	case reflect.Map:
		d.members(v)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !empty(v.Field(i)) {
				d.text(f.Name)
				d.value(v.Field(i))
			}
		}
		d.text("end")
	default:
		if v.CanInt() {
			d.number(uint64(v.Int()))
			return
		}
		d.number(v.Uint()) // of what else there is, datasets hold nothing
	}
}

// members adds a map, in an order that is always the same.
func (d digester) members(m reflect.Value) {
	type member struct{ key, value []byte }
	var list []member
	for it := m.MapRange(); it.Next(); {
		list = append(list, member{sumOf(it.Key()), sumOf(it.Value())})
	}
	slices.SortFunc(list, func(a, b member) int { return cmp.Or(bytes.Compare(a.key, b.key), bytes.Compare(a.value, b.value)) })
	d.number(uint64(len(list)))
	for _, x := range list {
		_, _ = d.Write(append(x.key, x.value...))
	}
}

func sumOf(v reflect.Value) []byte {
	d := digester{sha256.New()}
	d.value(v)
	return d.Sum(nil)
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero()
}
