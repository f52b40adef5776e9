package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// kernel is a server's writer that can copy files by itself.
type kernel struct {
	*httptest.ResponseRecorder

	copied int64
}

func (k *kernel) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(k.ResponseRecorder, r)
	k.copied += n
	return n, err
}

// around hides what it wraps but for Unwrap, as sessions do.
type around struct{ http.ResponseWriter }

func (a around) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func TestFilesGoByTheKernel(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for what, wrap := range map[string]func(http.ResponseWriter) http.ResponseWriter{
		"for players":              func(w http.ResponseWriter) http.ResponseWriter { return w },
		"for staff, with sessions": func(w http.ResponseWriter) http.ResponseWriter { return around{w} },
	} {
		k := &kernel{ResponseRecorder: httptest.NewRecorder()}
		c, _ := gin.CreateTestContext(wrap(k))
		c.Status(http.StatusPartialContent)
		n, err := io.CopyN(wholeFiles{c.Writer}, strings.NewReader("a film"), 6)
		if err != nil || n != 6 || k.copied != 6 || k.Code != http.StatusPartialContent {
			t.Errorf("%s: %d bytes, %d of them by the kernel, status %d, %v", what, n, k.copied, k.Code, err)
		}
	}
	plain := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(plain)
	if n, err := io.CopyN(wholeFiles{c.Writer}, strings.NewReader("a film"), 6); n != 6 || err != nil || plain.Body.String() != "a film" {
		t.Errorf("a writer that cannot: %d %v %q", n, err, plain.Body)
	}
}
