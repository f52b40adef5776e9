// Package hospital is the demo hospital: its departments, its library in English and Spanish, its
// schedule, and how all of it is entered through the controller's API.
//
// Its words are written for it, in plain language, and are no medical advice. Its pictures are drawn and its clips are made
// when it is entered, so that the repository carries no media.
package hospital
