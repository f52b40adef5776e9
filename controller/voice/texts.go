package voice

import (
	"slices"

	"golang.org/x/text/language"

	"anteroom/playlists"
)

// texts are what the pages themselves say, in one language. What items say is theirs.
type texts struct {
	Language playlists.Language
	Dir      string

	Title, Lead, Now, Also, Nothing, Back                     string
	Languages, Read, Picture, Watch, Source                   string
	Helpful, Yes, No, Thanks, NotCounted                      string
	Next, More, Ask, AskLead, Send, Asked                     string
	Questions, QuestionsLead, Keep, Kept, Forget, Print       string
	GoneTitle, Gone, Start, StartLead, Code, Open             string
	Privacy, Failed, FailedLead, Skip, PictureNoWords, Choose string
	FeedLead, FeedNothing, FeedBack                           string
}

func english() *texts {
	return &texts{
		Language: "en", Dir: "ltr",
		Title: "From the screen", Lead: "What the screen beside you shows, to read in peace.", Now: "On the screen now", Also: "Also on this screen",
		Nothing: "The screen shows nothing to read right now.", Back: "Everything on this screen",
		Languages: "Languages", Read: "Read", Picture: "Open the picture in full size", Watch: "Film", Source: "Read more at",
		Helpful: "Was this helpful?", Yes: "Yes", No: "No", Thanks: "Thank you for your answer.",
		NotCounted: "This was not counted: the page was too old, or had been used. You can scan the code on the screen again.",
		Next:       "What happens next", More: "More about this", Ask: "What would you like to know?",
		AskLead: "Choose a topic. We only count how often each is chosen, never who chose it.", Send: "Send", Asked: "Thank you. We look at what people ask for.", Choose: "Topics",
		Questions: "Questions to take to your doctor", QuestionsLead: "Tick what you want to ask. This is not sent to us. You can print this page.",
		Keep: "Keep my ticks on this phone", Kept: "Your ticks are kept on this phone, until you remove them here.", Forget: "Remove my ticks from this phone", Print: "Print",
		GoneTitle: "This code is no longer good", Gone: "The code on a screen changes every few minutes. Please scan it again, or type the letters that stand beside it.",
		Start: "What does the screen say?", StartLead: "Scan the code on a screen in the waiting room, or type the letters that stand beside it.",
		Code: "Letters on the screen", Open: "Open",
		Privacy: "No cookies, no name, no sign-in: we do not know who you are.",
		Failed:  "This did not work", FailedLead: "Please try again in a moment.", Skip: "To the text", PictureNoWords: "A picture without a description",
		FeedLead: "For patients and their families: what to expect, and what helps.", FeedNothing: "There is nothing to read here right now.", FeedBack: "Everything of this department",
	}
}

func spanish() *texts {
	return &texts{
		Language: "es", Dir: "ltr",
		Title: "De la pantalla", Lead: "Lo que muestra la pantalla a su lado, para leerlo con calma.", Now: "Ahora en la pantalla", Also: "También en esta pantalla",
		Nothing: "La pantalla no muestra nada para leer en este momento.", Back: "Todo lo de esta pantalla",
		Languages: "Idiomas", Read: "Leer", Picture: "Abrir la imagen en tamaño completo", Watch: "Video", Source: "Leer más en",
		Helpful: "¿Le resultó útil?", Yes: "Sí", No: "No", Thanks: "Gracias por su respuesta.",
		NotCounted: "Esto no se contó: la página era demasiado antigua o ya se había usado. Puede escanear otra vez el código de la pantalla.",
		Next:       "Qué pasa después", More: "Más sobre esto", Ask: "¿Qué le gustaría saber?",
		AskLead: "Elija un tema. Solo contamos cuántas veces se elige cada uno, nunca quién lo eligió.", Send: "Enviar", Asked: "Gracias. Tomamos en cuenta lo que la gente pide.", Choose: "Temas",
		Questions: "Preguntas para llevar a su médico", QuestionsLead: "Marque lo que quiere preguntar. Esto no se nos envía. Puede imprimir esta página.",
		Keep: "Guardar mis marcas en este teléfono", Kept: "Sus marcas quedan guardadas en este teléfono hasta que las quite aquí.", Forget: "Quitar mis marcas de este teléfono", Print: "Imprimir",
		GoneTitle: "Este código ya no sirve", Gone: "El código de una pantalla cambia cada pocos minutos. Escanéelo otra vez o escriba las letras que están a su lado.",
		Start: "¿Qué dice la pantalla?", StartLead: "Escanee el código de una pantalla de la sala de espera o escriba las letras que están a su lado.",
		Code: "Letras de la pantalla", Open: "Abrir",
		Privacy: "Sin cookies, sin nombre, sin registro: no sabemos quién es usted.",
		Failed:  "Esto no funcionó", FailedLead: "Inténtelo de nuevo en un momento.", Skip: "Ir al texto", PictureNoWords: "Una imagen sin descripción",
		FeedLead: "Para pacientes y sus familias: qué esperar y qué ayuda.", FeedNothing: "No hay nada para leer aquí en este momento.", FeedBack: "Todo lo de este departamento",
	}
}

func arabic() *texts {
	return &texts{
		Language: "ar", Dir: "rtl",
		Title: "من الشاشة", Lead: "ما تعرضه الشاشة بجانبك، لتقرأه على مهل.", Now: "على الشاشة الآن", Also: "أيضًا على هذه الشاشة",
		Nothing: "لا تعرض الشاشة شيئًا للقراءة الآن.", Back: "كل ما على هذه الشاشة",
		Languages: "اللغات", Read: "اقرأ", Picture: "افتح الصورة بالحجم الكامل", Watch: "فيلم", Source: "اقرأ المزيد على",
		Helpful: "هل كان هذا مفيدًا؟", Yes: "نعم", No: "لا", Thanks: "شكرًا على إجابتك.",
		NotCounted: "لم يُحتسب هذا: كانت الصفحة قديمة جدًا أو استُخدمت من قبل. يمكنك مسح الرمز على الشاشة مرة أخرى.",
		Next:       "ماذا يحدث بعد ذلك", More: "المزيد عن هذا", Ask: "ماذا تود أن تعرف؟",
		AskLead: "اختر موضوعًا. نحن نعدّ فقط كم مرة اختير كل موضوع، ولا نعرف أبدًا من اختاره.", Send: "أرسل", Asked: "شكرًا لك. نحن ننظر فيما يطلبه الناس.", Choose: "المواضيع",
		Questions: "أسئلة تأخذها إلى طبيبك", QuestionsLead: "ضع علامة على ما تريد أن تسأل عنه. لا يُرسل هذا إلينا. يمكنك طباعة هذه الصفحة.",
		Keep: "احفظ علاماتي على هذا الهاتف", Kept: "علاماتك محفوظة على هذا الهاتف إلى أن تزيلها هنا.", Forget: "أزل علاماتي من هذا الهاتف", Print: "اطبع",
		GoneTitle: "لم يعد هذا الرمز صالحًا", Gone: "يتغير الرمز على الشاشة كل بضع دقائق. امسحه مرة أخرى، أو اكتب الحروف الموجودة بجانبه.",
		Start: "ماذا تقول الشاشة؟", StartLead: "امسح الرمز على شاشة في غرفة الانتظار، أو اكتب الحروف الموجودة بجانبه.",
		Code: "الحروف على الشاشة", Open: "افتح",
		Privacy: "لا ملفات تعريف ارتباط ولا اسم ولا تسجيل دخول: نحن لا نعرف من أنت.",
		Failed:  "لم ينجح هذا", FailedLead: "حاول مرة أخرى بعد لحظة.", Skip: "إلى النص", PictureNoWords: "صورة بلا وصف",
		FeedLead: "للمرضى وعائلاتهم: ما الذي تتوقعه، وما الذي يساعد.", FeedNothing: "لا شيء للقراءة هنا الآن.", FeedBack: "كل ما لدى هذا القسم",
	}
}

func chinese() *texts {
	return &texts{
		Language: "zh-Hans", Dir: "ltr",
		Title: "屏幕上的内容", Lead: "您身旁屏幕上显示的内容，可以慢慢阅读。", Now: "屏幕上正在显示", Also: "此屏幕还显示",
		Nothing: "屏幕现在没有可阅读的内容。", Back: "此屏幕上的全部内容",
		Languages: "语言", Read: "阅读", Picture: "打开原尺寸图片", Watch: "影片", Source: "阅读更多：",
		Helpful: "这对您有帮助吗？", Yes: "有", No: "没有", Thanks: "谢谢您的回答。",
		NotCounted: "这次没有计入：页面已过期或已使用过。您可以重新扫描屏幕上的二维码。",
		Next:       "接下来会怎样", More: "更多相关内容", Ask: "您想了解什么？",
		AskLead: "请选择一个主题。我们只统计每个主题被选择的次数，绝不记录是谁选的。", Send: "发送", Asked: "谢谢。我们会参考大家想了解的内容。", Choose: "主题",
		Questions: "带给医生的问题", QuestionsLead: "勾选您想问的问题。这些不会发送给我们。您可以打印此页。",
		Keep: "将我的勾选保存在这部手机上", Kept: "您的勾选已保存在这部手机上，直到您在此处删除。", Forget: "从这部手机上删除我的勾选", Print: "打印",
		GoneTitle: "此代码已失效", Gone: "屏幕上的代码每隔几分钟更换一次。请重新扫描，或输入旁边的字母。",
		Start: "屏幕上说了什么？", StartLead: "请扫描候诊室屏幕上的二维码，或输入旁边的字母。",
		Code: "屏幕上的字母", Open: "打开",
		Privacy: "没有 Cookie，不需要姓名，不需要登录：我们不知道您是谁。",
		Failed:  "没有成功", FailedLead: "请稍后再试。", Skip: "跳到正文", PictureNoWords: "没有说明的图片",
		FeedLead: "写给患者和家属：会经历什么，什么会有帮助。", FeedNothing: "这里现在没有可阅读的内容。", FeedBack: "本科室的全部内容",
	}
}

// catalogue is what the pages say, in the languages that they speak; the first is for everybody else.
func catalogue() []*texts { return []*texts{english(), spanish(), arabic(), chinese()} }

// name is a language as those who speak it write it.
type name struct {
	Language playlists.Language
	Name     string
}

// names are those of the languages that phones may ask for, and are counted by: the fifteen that notices in American hospitals
// are most often needed in, English and some more. What is none of them counts as what it is read in.
func names() []name {
	return []name{
		{"en", "English"},
		{"es", "Español"},
		{"ar", "العربية"},
		{"zh-Hans", "简体中文"},
		{"zh-Hant", "繁體中文"},
		{"vi", "Tiếng Việt"},
		{"ko", "한국어"},
		{"tl", "Tagalog"},
		{"ru", "Русский"},
		{"fr", "Français"},
		{"ht", "Kreyòl ayisyen"},
		{"pt", "Português"},
		{"pl", "Polski"},
		{"it", "Italiano"},
		{"de", "Deutsch"},
		{"ja", "日本語"},
		{"fa", "فارسی"},
		{"hi", "हिन्दी"},
		{"ur", "اردو"},
		{"uk", "Українська"},
		{"so", "Soomaali"},
		{"bn", "বাংলা"},
	}
}

// nameOf is a language as those who speak it write it, or its tag.
func nameOf(l playlists.Language) string {
	all := names()
	if i := slices.IndexFunc(all, func(n name) bool { return n.Language == l }); i >= 0 {
		return all[i].Name
	}
	return string(l)
}

// dirOf is how a language is written: "rtl" or "ltr".
func dirOf(l playlists.Language) string {
	script, _ := language.Make(string(l)).Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm":
		return "rtl"
	}
	return "ltr"
}

// choice picks among languages by what somebody reads.
type choice struct {
	languages []playlists.Language
	matcher   language.Matcher
}

func choiceOf(languages ...playlists.Language) choice {
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = language.Make(string(l))
	}
	return choice{languages, language.NewMatcher(tags)}
}

// of gives the language that fits best, and whether any does; else the first.
func (c choice) of(wanted []language.Tag) (playlists.Language, bool) {
	_, n, sure := c.matcher.Match(wanted...)
	return c.languages[n], sure != language.No
}

// maxAccept is how much of an Accept-Language header is read, in bytes.
const maxAccept = 200

// wants are the languages of a reader: what they chose on the page, and then what the browser says.
func wants(chosen, accept string) []language.Tag {
	if len(accept) > maxAccept {
		accept = ""
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		tags = nil
	}
	if len(chosen) <= 35 {
		if tag, err := language.Parse(chosen); err == nil && chosen != "" {
			tags = append([]language.Tag{tag}, tags...)
		}
	}
	return tags
}
