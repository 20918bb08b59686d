package export

import "testing"

func TestPercentIsOnlyWholeForTheWhole(t *testing.T) {
	for ratio, want := range map[float64]string{
		0: "0.0 %", 1: "100.0 %", 0.5: "50.0 %", 0.57: "57.0 %",
		215.0 / 656: "32.8 %", 441.0 / 656: "67.2 %",
		0.00001: "0.1 %", 0.99999: "99.9 %",
	} {
		if got := Percent(ratio); got != want {
			t.Errorf("Percent(%v) = %q, want %q", ratio, got, want)
		}
	}
}
