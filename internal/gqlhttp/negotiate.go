package gqlhttp

import (
	"mime"
	"strconv"
	"strings"
)

// The media types of answers.
const (
	mediaJSON     = "application/json"
	mediaResponse = "application/graphql-response+json"
)

// accepted is how much a client likes a media type.
type accepted struct {
	quality  float64
	specific int // 3 for the type itself, 2 for application/*, 1 for */*
	place    int // in the header
}

// negotiate chooses the media type of an answer by a request's Accept headers;
// ok is false where the client wants neither. A client that does not say gets
// application/json, for it may be older than the other type.
func negotiate(headers []string) (media string, ok bool) {
	header := strings.Join(headers, ",")
	if strings.TrimSpace(header) == "" {
		return mediaJSON, true
	}
	json, response := rate(header)
	switch {
	case json.quality == 0 && response.quality == 0:
		return "", false
	case response.betterThan(json):
		return mediaResponse, true
	}
	return mediaJSON, true
}

// betterThan prefers quality, then what was asked for by name, then what was
// named first. Of two types that only a wildcard admits, neither is better.
func (a accepted) betterThan(b accepted) bool {
	switch {
	case a.quality != b.quality:
		return a.quality > b.quality
	case a.specific != b.specific:
		return a.specific > b.specific
	}
	return a.place < b.place
}

// rate finds, for each type, the most specific range of the header that it is in.
func rate(header string) (json, response accepted) {
	for place, part := range strings.Split(header, ",") {
		media, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		a := accepted{quality: quality(parameters["q"]), place: place}
		if charset := parameters["charset"]; charset != "" && !isUTF8(charset) {
			continue
		}
		switch media {
		case mediaJSON, mediaResponse:
			a.specific = 3
		case "application/*":
			a.specific = 2
		case "*/*":
			a.specific = 1
		default:
			continue
		}
		if media != mediaResponse && a.specific > json.specific {
			json = a
		}
		if media != mediaJSON && a.specific > response.specific {
			response = a
		}
	}
	return json, response
}

func quality(text string) float64 {
	if text == "" {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}

func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}
