package loader

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/mapgraph/mapgraph/internal/kg"
)

// latin gives, for small letters of other scripts, the Latin ones that look the same.
var latin = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "ѕ", "s", "і", "i", "ј", "j", "һ", "h", "ԁ", "d", "ԛ", "q", "ԝ", "w",
	"к", "k", "м", "m", "т", "t", "в", "b", "н", "h",
	"α", "a", "ε", "e", "ι", "i", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x", "ı", "i",
)

// looks gives a text that ids share which a person takes for one: of any case,
// normal form or look-alike letters, and whatever cannot be seen.
func looks(id string) string {
	id = strings.ToLower(strings.ToUpper(norm.NFKC.String(id)))
	return strings.Map(func(c rune) rune {
		if unicode.Is(unicode.Cf, c) {
			return -1
		}
		return c
	}, latin.Replace(id))
}

// noteLookAlikes notes the frameworks, and the capabilities of one framework,
// that have two ids which a person takes for one. They stay two.
func noteLookAlikes(parts []part) {
	frameworks := lookAlikes{}
	capabilities := map[string]lookAlikes{}
	for i := range parts {
		p := &parts[i]
		if p.set == nil {
			continue
		}
		framework := p.set.Key.Framework
		if other := frameworks.add(framework); other != "" {
			p.report.Notes = append(p.report.Notes, kg.Note{Code: "LOOK_ALIKE", Count: 1, Message: fmt.Sprintf(
				"the framework %s looks like %s of another file; they are two frameworks", quoted(framework), quoted(other))})
		}
		if capabilities[framework] == nil {
			capabilities[framework] = lookAlikes{}
		}
		p.noteLookAlikes(capabilities[framework])
	}
}

func (p *part) noteLookAlikes(known lookAlikes) {
	found := newNotes()
	for i := range p.set.Rows {
		r := &p.set.Rows[i]
		if r.Capability == "" {
			continue
		}
		if other := known.add(r.Capability); other != "" {
			found.add("LOOK_ALIKE", fmt.Sprintf("rows of the capability %s, which looks like %s of the same framework; they are two capabilities", quoted(r.Capability), quoted(other)), r.Number)
		}
	}
	p.report.Notes = append(p.report.Notes, found.list()...)
}

// lookAlikes are the first ids that were seen, by how they look.
type lookAlikes map[string]string

// add remembers an id, and gives the earlier one that it looks like, or nothing.
func (l lookAlikes) add(id string) (earlier string) {
	key := looks(id)
	first, seen := l[key]
	if !seen {
		l[key] = id
	}
	if first == id {
		return ""
	}
	return first
}
