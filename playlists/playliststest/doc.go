// Package playliststest gives everyone's tests builders and one sample hospital.
//
// The hospital is the same on every call and every machine; nothing reads a clock, and the zone data is
// embedded. What a test changes in it is its own copy.
package playliststest
