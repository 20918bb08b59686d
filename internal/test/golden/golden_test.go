package golden

import "testing"

type thing struct {
	Name  string
	Parts map[string]*part
	List  []int
	note  string
}

type part struct {
	N     uint8
	Share float64
	Open  bool
}

func TestDigestSeesWhatIsThere(t *testing.T) {
	make := func() thing {
		return thing{Name: "a", Parts: map[string]*part{"x": {N: 1}, "y": {Share: 0.5}}, List: []int{1, 2}}
	}
	first := Digest(make())
	if same := make(); Digest(&same) != first {
		t.Error("a pointer is what it points to")
	}
	same := make()
	same.note = "derived"
	same.Parts["x"].Open = false
	if Digest(same) != first {
		t.Error("what is zero, or not exported, does not count")
	}
	for name, change := range map[string]func(*thing){
		"a text":   func(v *thing) { v.Name = "b" },
		"a member": func(v *thing) { v.Parts["x"].N = 2 },
		"a key":    func(v *thing) { v.Parts["z"] = v.Parts["x"]; delete(v.Parts, "x") },
		"a share":  func(v *thing) { v.Parts["y"].Share = 0.25 },
		"a flag":   func(v *thing) { v.Parts["y"].Open = true },
		"an order": func(v *thing) { v.List = []int{2, 1} },
		"a length": func(v *thing) { v.List = append(v.List, 0) },
	} {
		other := make()
		if change(&other); Digest(other) == first {
			t.Errorf("%s changes nothing", name)
		}
	}
}

func TestSameButOutput(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"x 1 in out", "x 1 in other", true}, {"x 1 in out", "x 2 in other", false}, {"x 1 in out", "x 1 more other", false}} {
		if sameButOutput(c.a, c.b) != c.want {
			t.Errorf("%q, %q", c.a, c.b)
		}
	}
}
