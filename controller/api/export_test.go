package api

import (
	"context"
	"strings"
)

// Routed is what the router serves, by method and path as OpenAPI writes it, from the router itself.
func Routed() ([][2]string, error) {
	s, err := New(context.Background(), Config{})
	if err != nil {
		return nil, err
	}
	var routed [][2]string
	for _, r := range s.engine.Routes() {
		parts := strings.Split(r.Path, "/")
		for i, part := range parts {
			if name, ok := strings.CutPrefix(part, ":"); ok {
				parts[i] = "{" + name + "}"
			}
		}
		routed = append(routed, [2]string{r.Method, strings.Join(parts, "/")})
	}
	return routed, nil
}
