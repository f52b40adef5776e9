package hospital

import (
	"maps"

	"anteroom/playlists"
)

// inFurtherLanguages are names of topics that children's families may ask for.
func inFurtherLanguages() map[playlists.Topic]map[playlists.Language]string {
	return map[playlists.Topic]map[playlists.Language]string{
		"fever-in-children": {"ar": "الحمى عند الأطفال", "zh-Hans": "儿童发烧"},
		"asthma":            {"ar": "الربو عند الأطفال", "zh-Hans": "儿童哮喘"},
		"allergies":         {"ar": "الحساسية", "zh-Hans": "过敏"},
		"vaccines":          {"ar": "اللقاحات", "zh-Hans": "疫苗"},
		"sleep":             {"ar": "النوم", "zh-Hans": "睡眠"},
	}
}

// topics is the hospital's topic tree, parents first, with the pages of MedlinePlus and the headings of MeSH that its topics
// have. The one MedlinePlus file that is at hand, that of abdominal pain of 2012, has none of them, so they were not held
// against it: look at a page before you rely on it. They have no numbers of MedlinePlus for that reason.
func topics() []playlists.TopicEntry {
	at := func(page string) *playlists.MedlinePlusTopic {
		return &playlists.MedlinePlusTopic{URL: "https://medlineplus.gov/" + page + ".html"}
	}
	group := func(page string) *playlists.MedlinePlusTopic {
		m := at(page)
		m.Group = true
		return m
	}
	mesh := func(id, name string) []playlists.MeSHHeading { return []playlists.MeSHHeading{{ID: id, Name: name}} }
	topic := func(parent, id playlists.Topic, english, spanish string, m *playlists.MedlinePlusTopic, headings ...playlists.MeSHHeading) playlists.TopicEntry {
		e := playlists.TopicEntry{ID: id, Parent: parent, Names: map[playlists.Language]string{"en": english, "es": spanish}, MedlinePlus: m, MeSH: headings}
		maps.Copy(e.Names, inFurtherLanguages()[id])
		e.Specialty = map[playlists.Topic]string{"heart": "Cardiology", "children": "Paediatrics", "staying-well": "Family medicine"}[parent]
		return e
	}
	return []playlists.TopicEntry{
		topic("", "heart", "Heart", "Corazón", group("bloodheartandcirculation")),
		topic("heart", "chest-pain", "Chest pain", "Dolor de pecho", at("chestpain"), mesh("D002637", "Chest Pain")...),
		topic("heart", "heart-tests", "Tests of the heart", "Pruebas del corazón", at("hearthealthtests")),
		topic("heart", "heart-medicines", "Medicines for the heart", "Medicinas para el corazón", nil),
		topic("heart", "heart-procedures", "Heart procedures", "Procedimientos del corazón", at("heartsurgery")),
		topic("heart", "blood-pressure", "Blood pressure", "Presión arterial", at("highbloodpressure"), mesh("D006973", "Hypertension")...),
		topic("heart", "cholesterol", "Cholesterol", "Colesterol", at("cholesterol"), mesh("D002784", "Cholesterol")...),
		topic("", "children", "Children", "Niños", group("childrenandteenagers")),
		topic("children", "fever-in-children", "Fever in children", "Fiebre en niños", at("fever"), mesh("D005334", "Fever")...),
		topic("children", "asthma", "Asthma", "Asma", at("asthma"), mesh("D001249", "Asthma")...),
		topic("children", "allergies", "Allergies", "Alergias", at("allergy")),
		topic("children", "vaccines", "Vaccines", "Vacunas", at("childhoodvaccines"), mesh("D014612", "Vaccines")...),
		topic("", "staying-well", "Staying well", "Vivir con salud", nil),
		topic("staying-well", "diabetes", "Diabetes", "Diabetes", at("diabetes"), mesh("D003920", "Diabetes Mellitus")...),
		topic("staying-well", "healthy-eating", "Healthy eating", "Comer sano", at("nutrition")),
		topic("staying-well", "stress", "Stress", "Estrés", at("stress"), mesh("D013315", "Stress, Psychological")...),
		topic("staying-well", "sleep", "Sleep", "Dormir bien", at("healthysleep"), mesh("D012890", "Sleep")...),
		topic("staying-well", "hand-washing", "Washing hands", "Lavarse las manos", at("germsandhygiene")),
		topic("", "your-visit", "Your visit", "Su visita", nil),
		topic("your-visit", "blood-tests", "Blood tests", "Análisis de sangre", nil),
		topic("your-visit", "medicines", "Medicines", "Medicinas", at("medicines")),
		topic("your-visit", "after-surgery", "After surgery", "Después de la cirugía", at("aftersurgery")),
		topic("your-visit", "talking-with-your-doctor", "Talking with your doctor", "Hablar con su médico", at("talkingwithyourdoctor")),
	}
}
