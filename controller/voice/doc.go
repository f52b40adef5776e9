// Package voice serves patients' phones: what a screen shows, to keep and to answer, and it counts what they ask for.
//
// It has a listener of its own ([Server]), for phones do not reach the controller; what is not in its access table
// ([Server.Routes]) is not there. No page sets a cookie, names another host, or writes down who asks: addresses are
// neither logged nor stored, and of what people do only sums are kept.
package voice
