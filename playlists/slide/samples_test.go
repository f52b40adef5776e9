package slide

import "anteroom/playlists"

func dark() playlists.Brand {
	return playlists.Brand{Name: "Lakeside Hospital", Background: "#0b3d4c", Ink: "#ffffff", Accent: "#f2b84b"}
}

func light() playlists.Brand {
	return playlists.Brand{Name: "Lakeside Hospital", Background: "#f7f3ea", Ink: "#1d2b33", Accent: "#0e7c7b"}
}

// samples are slides as a hospital would make them, one a template and script.
func samples() map[string]Slide {
	return map[string]Slide{
		"notice-en": {
			Template: Notice, Language: "en", Brand: dark(), Title: "Flu shots are free today",
			Text: "Ask at the front desk. It takes five minutes, and you keep your place in the queue.", Note: "Lakeside Hospital, Cardiology",
		},
		"notice-ar-mixed": {
			Template: Notice, Language: "ar", Brand: dark(), Title: "مرحبا بكم في عيادة القلب",
			Text: "الدكتور Smith في الغرفة Room 7A اليوم، والدكتورة ليلى حسن في الغرفة 12 (الطابق الثاني).", Note: "مستشفى ليكسايد، قسم القلب",
		},
		"notice-en-mixed": {
			Template: Notice, Language: "en", Brand: light(), Title: "Dr. محمد علي is in today",
			Text: "Ask for Dr. محمد علي 7 Smith, or for الدكتورة ليلى حسن (Cardiology).",
		},
		"steps-es": {
			Template: Steps, Language: "es", Brand: dark(), Title: "Qué esperar hoy", Text: "Una visita dura unos cuarenta minutos.",
			Points: []string{
				"Regístrese en la recepción", "Una enfermera mide su presión", "Hable con su médico",
				"Recoja su receta", "Pida la próxima cita", "Vuelva a casa con calma",
			},
		},
		"steps-zh": {
			Template: Steps, Language: "zh-Hans", Brand: light(), Title: "今天的检查流程", Note: "湖滨医院，心内科",
			Points: []string{"请先到前台登记，并出示您的身份证件。", "护士会为您测量血压。", "与医生交谈，告诉医生您正在服用的药物。"},
		},
		"questions-ar": {
			Template: Questions, Language: "ar", Brand: light(), Title: "ثلاثة أسئلة لطبيبك",
			Points: []string{"ما هي مشكلتي الرئيسية؟", "ماذا عليّ أن أفعل؟", "لماذا من المهم أن أفعل ذلك؟"},
		},
		"questions-vi": {
			Template: Questions, Language: "vi", Brand: dark(), Title: "Ba câu hỏi cho bác sĩ",
			Points: []string{"Vấn đề chính của tôi là gì?", "Tôi cần làm gì?", "Tại sao điều đó quan trọng với tôi?"},
		},
		"facts-en-code": {
			Template: Facts, Language: "en", Brand: dark(), Title: "Abdominal Pain", Code: "https://medlineplus.gov/abdominalpain.html",
			Points: []string{
				"Your abdomen extends from below your chest to your groin.",
				"Some people call it the stomach, but your abdomen contains many other important organs.",
			},
			Note: "Source: MedlinePlus, National Library of Medicine",
		},
		"notice-ar-code": {
			Template: Notice, Language: "ar", Brand: light(), Title: "ثلاثة أسئلة لطبيبك", Text: "ما هي مشكلتي الرئيسية؟",
			Code: "https://medlineplus.gov/arabic/", Note: "مستشفى ليكسايد، قسم القلب",
		},
		"urgent-en": {
			Template: Urgent, Language: "en", Severity: playlists.Emergency, Title: "Please leave the building",
			Text: "Use the nearest exit. Do not use the lifts. Staff will help you.", Note: "Lakeside Hospital",
		},
		"urgent-es-drill": {
			Template: Urgent, Language: "es", Severity: playlists.Emergency, Drill: true, Title: "Salga del edificio, por favor",
			Text: "Use la salida más cercana. No use los ascensores.",
		},
		"urgent-ar-drill": {
			Template: Urgent, Language: "ar", Severity: playlists.Warning, Drill: true, Title: "يرجى مغادرة المبنى",
			Text: "استخدموا أقرب مخرج. لا تستخدموا المصاعد.",
		},
		"urgent-zh-drill": {
			Template: Urgent, Language: "zh", Severity: playlists.Warning, Drill: true, Title: "请留在室内",
			Text: "外面有强风暴。请远离窗户，等待工作人员的通知。",
		},
		"urgent-en-notice": {
			Template: Urgent, Language: "en", Severity: playlists.Notice, Title: "The clinic closes at 3 pm today",
			Text: "Please check in before half past two.",
		},
	}
}
