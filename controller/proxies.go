package controller

import (
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks of the reverse proxies that are believed when they say for whom they ask.
type proxies []netip.Prefix

// behind lets next see, as RemoteAddr, who asks instead of the proxy that passes it on. This is the one
// place that decides it, so that limits by address and logs agree.
func (p proxies) behind(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.WithContext(r.Context()) // a handler may not change the request that it was given
		asked.RemoteAddr = p.asks(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
		next.ServeHTTP(w, asked)
	})
}

// asks reads who asks from the right, since whoever asks writes the left: each trusted hop names the one
// before it, and the first that is not trusted is it. What cannot be read ends the chain.
func (p proxies) asks(remote string, forwarded []string) string {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil || !p.trust(peer.Addr()) {
		return remote
	}
	who, rest, more := netip.Addr{}, strings.Join(forwarded, ","), true
	for last := peer.Addr(); more && p.trust(last); {
		var text string
		rest, text, more = cutLast(rest)
		read, ok := hop(text)
		if !ok {
			break
		}
		who, last = read, read
	}
	if !who.IsValid() {
		return remote
	}
	return netip.AddrPortFrom(who, 0).String()
}

func (p proxies) trust(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// cutLast takes the last of a list with commas; more says whether any are left.
func cutLast(list string) (rest, last string, more bool) {
	i := strings.LastIndexByte(list, ',')
	if i < 0 {
		return "", list, false
	}
	return list[:i], list[i+1:], true
}

// hop reads an address, which some proxies write with a port.
func hop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap(), true
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return a.Unmap(), err == nil
}
