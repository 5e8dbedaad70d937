"""The words that Vietnamese asks with, and the words that say nothing about what is asked.

Tables only; how they are applied is in `question`.
"""

from __future__ import annotations

from enum import StrEnum

from qa.words import phrases, word_set


class Kind(StrEnum):
    """What is asked for."""

    NUMBER = "number"
    PERSON = "person"
    ROLE = "role"
    DATE = "date"
    PLACE = "place"
    ORGANISATION = "organisation"
    DOCUMENT = "document"
    LIST = "list"
    REASON = "reason"
    MANNER = "manner"
    DEFINITION = "definition"
    YES_NO = "yes_no"
    COMPARISON = "comparison"
    TOTAL = "total"
    TEXT = "text"


# Longest first within a kind is not needed: the longest match at the earliest rule that fires wins.
PHRASES: tuple[tuple[Kind, str], ...] = (
    (
        Kind.REASON,
        "vì sao|tại sao|do đâu|là tại đâu|vì đâu|vì lý do gì|vì lí do gì|nguyên nhân nào|lý do nào|lí do nào"
        "|nguyên nhân gì|lý do gì|lí do gì|vì điều gì|nhờ đâu|vì cái gì|cớ sao|tại vì sao|bởi vì sao",
    ),
    (
        Kind.DATE,
        "vào thời gian nào|thời gian nào|thời điểm nào|khi nào|lúc nào|bao giờ|ngày tháng năm nào"
        "|ngày nào|ngày mấy|ngày bao nhiêu|ngày tháng nào|hôm nào|tháng nào|tháng mấy|năm nào|năm bao nhiêu"
        "|năm mấy|thế kỷ nào|thế kỉ nào|thế kỷ mấy|thế kỉ mấy|thế kỷ thứ mấy|giai đoạn nào|mùa nào|mấy giờ"
        "|thập niên nào|thập kỷ nào|nhiệm kỳ nào|dịp nào|thứ mấy trong tuần|buổi nào|quý nào|quý mấy|hồi nào"
        "|khoảng thời gian nào|những năm nào|các năm nào|tuần nào|thời kỳ nào|thời kì nào|triều đại nào"
        "|chừng nào|hạn nào|hạn chót nào|hạn cuối nào|thời hạn nào|mốc thời gian nào|mốc nào|từ thuở nào",
    ),
    (
        Kind.ROLE,
        "chức vụ gì|chức vụ nào|chức danh gì|chức danh nào|chức gì|cương vị gì|cương vị nào"
        "|vai trò gì|đảm nhiệm vị trí gì|giữ vị trí gì|chức vị gì|giữ nhiệm vụ gì|nhận nhiệm vụ gì|giữ ghế gì"
        "|chức vụ là gì|chức danh là gì|chức vụ như thế nào",
    ),
    (Kind.TEXT, "tỷ số nào|tỉ số nào|tỷ số bao nhiêu|tỉ số bao nhiêu|tỷ số mấy|tỉ số mấy"),
    (
        Kind.DOCUMENT,
        "văn bản nào|văn bản gì|nghị quyết nào|nghị quyết gì|nghị quyết số mấy|quyết định nào"
        "|quyết định gì|nghị quyết số bao nhiêu|nghị quyết số nào|quyết định số mấy|quyết định số bao nhiêu"
        "|chỉ thị nào|chỉ thị gì|chỉ thị số mấy|chỉ thị số bao nhiêu|nghị định nào|nghị định gì"
        "|nghị định số mấy|nghị định số bao nhiêu|thông tư nào|thông tư số mấy|kế hoạch nào|kế hoạch số mấy"
        "|kế hoạch số bao nhiêu|công văn nào|công văn số mấy|luật nào|đạo luật nào|kết luận nào"
        "|kết luận số mấy|kết luận số bao nhiêu|hướng dẫn số mấy|số hiệu nào|số hiệu gì|số hiệu là gì"
        "|số hiệu bao nhiêu|số mấy|số nào"
        "|đề án nào|quy định nào|quy định số mấy|quy định số bao nhiêu|hiệp ước nào|hiệp định nào",
    ),
    (Kind.NUMBER, "bao nhiêu|mấy|bao lâu|bao xa"),
    (
        Kind.PERSON,
        "những ai|người nào|ai|ông nào|bà nào|đồng chí nào|nhân vật nào|vị nào|vua nào|tác giả nào"
        "|vị vua nào|lãnh đạo nào|cá nhân nào|cán bộ nào",
    ),
    (
        Kind.PLACE,
        "ở đâu|tại đâu|nơi đâu|nơi nào|chỗ nào|đâu|quốc gia nào|đất nước nào|nước nào|tỉnh nào"
        "|thành phố nào|phường nào|xã nào|quận nào|huyện nào|địa phương nào|khu vực nào|vùng nào|châu lục nào"
        "|địa điểm nào|hòn đảo nào|địa bàn nào|vị trí nào|phía nào|hướng nào|vùng đất nào|bang nào|miền nào"
        "|thị trấn nào|thị xã nào|tỉnh thành nào|sông nào|con sông nào|địa danh nào|đường nào"
        "|tuyến đường nào|địa chỉ nào|địa chỉ gì|khu nào|ấp nào|thôn nào|khu phố nào|phường cũ nào|xã cũ nào"
        "|quận cũ nào|huyện cũ nào|tỉnh cũ nào|phường mới nào|xã mới nào|nơi mô|trụ sở nào",
    ),
    (
        Kind.ORGANISATION,
        "cơ quan nào|tổ chức nào|đơn vị nào|công ty nào|tập đoàn nào|doanh nghiệp nào"
        "|ban nào|trường nào|đảng nào|hãng nào|đội nào|câu lạc bộ nào|chi bộ nào|đảng bộ nào|ngân hàng nào"
        "|bộ nào|sở nào|trường đại học nào|đoàn nào|tổ nào|lực lượng nào",
    ),
    (Kind.MANNER, "như thế nào|ra sao|bằng cách nào|làm thế nào|cách nào|làm sao|thế nào|như nào"),
    (Kind.TEXT, "điều gì|cái gì|việc gì|những gì|gì|nào|là sao"),
)
LIST_OPENERS = phrases(
    "liệt kê|kể tên|hãy nêu|nêu các|nêu những|gồm những|bao gồm những|gồm các|những ai|những gì|"
    "nêu tên|danh sách|xin tên|tên các|tên những|tên của các"
)
COMPARE = ("so sánh", "chênh lệch", "hơn kém")
YES_NO_ENDS = phrases(
    "nào không|gì không|ai không|nào chưa|gì chưa"
    "|phải không|đúng không|hay không|được không|có không|hay chưa|không|chưa|đúng chứ|hay sao"
)
YES_NO_STARTS = ("có phải", "có đúng", "phải chăng", "liệu có")
STOP_UNIT = word_set(
    "hơn và với ở tại trong trên dưới của là thì được bị do vào từ đến đã đang sẽ có cho khi sau trước "
    "theo so nằm để mà này đó tham hiện ngày tháng nay thuộc hoàn trực đạt đăng sinh sống dự đủ đã phải tới "
    "lên một mỗi về tổng tất cả"
)
EMPTY = word_set(
    "là có được bị của và các những một cái con chiếc thì mà ở tại trong vào đã đang sẽ cho với về từ "
    "đến do bởi theo khi này đó kia ấy vậy hãy xin vui lòng biết rằng hiện nay nay hiện tại ra nêu cho "
    "như để cùng trên dưới bằng nhất ạ nhỉ thế nhé đi còn gồm bao nhiêu mấy gì nào ai đâu tên hỏi tôi "
    "mình tất cả toàn bộ đều cũng đây nên sự điều số lượng lên tới"
)
# Without tone marks only words that could hardly be another one ("nam" is năm, nam and Nam).
STOP_UNIT_PLAIN = word_set("va voi o tai trong cua la thi duoc bi vao tu den khi sau truoc theo")
EMPTY_PLAIN = word_set(
    "la co duoc bi cua va cac nhung mot thi ma o vao se cho voi ve tu den khi nay kia ay vay bao nhieu "
    "gi nao ai hay xin biet rang nhu de bang hoi toi"
)
# Said before an office, never what is asked about it.
ROLE_VERBS = word_set("giữ chức vụ đảm nhiệm nắm làm giu chuc vu dam nhiem nam lam")
# How a person is addressed, without tone marks: another text may say it otherwise or not at all.
ADDRESS = word_set("ong ba anh chi co chu dong em cu thay bac di")
# With "nào", or alone at the head of a question, they ask for a person.
RELATIVES = phrases(
    "con trai|con gái|con nuôi|con ruột|bố đẻ|cha đẻ|mẹ đẻ|anh trai|chị gái|em trai|em gái|vợ|chồng|cha|bố"
    "|mẹ|ông nội|bà nội|ông ngoại|bà ngoại|phu nhân|bạn trai|bạn gái|vị hôn phu|vị hôn thê"
)
OFFICERS = phrases(
    "tổng bí thư|phó bí thư|bí thư|phó chủ tịch|chủ tịch|tổng thống|phó tổng thống|thủ tướng|bộ trưởng"
    "|thứ trưởng|tổng giám đốc|phó giám đốc|giám đốc|hiệu trưởng|huấn luyện viên|tổng biên tập|thị trưởng"
    "|thống đốc|tổng thư ký|đại sứ|đại tướng|thượng tướng|trung tướng|thiếu tướng|trưởng phòng|trưởng ban"
    "|ủy viên|đại biểu|vị tướng|tướng|tổ trưởng|tổ phó|trưởng đoàn|phó trưởng đoàn|đội trưởng|đội phó"
    "|chủ nhiệm|phó chủ nhiệm|chỉ huy trưởng|chỉ huy phó|trưởng khu phố|trưởng ấp|trưởng thôn|chánh văn phòng"
    "|phó trưởng ban|phó trưởng phòng|người phát ngôn|trưởng công an|phó trưởng công an"
)
CALLINGS = phrases(
    "nhạc sĩ|ca sĩ|họa sĩ|nghệ sĩ|nghệ nhân|nhà văn|nhà thơ|thi sĩ|nhà báo|nhà khoa học|nhà bác học"
    "|nhà vật lý|nhà toán học|nhà sử học|nhà triết học|nhà thám hiểm|triết gia|học giả"
    "|giáo sư|tiến sĩ|bác sĩ|giáo viên"
    "|kỹ sư|kiến trúc sư|luật sư|doanh nhân|cầu thủ|vận động viên|tay đua|tay vợt|kỳ thủ|võ sĩ|diễn viên"
    "|đạo diễn|người mẫu|hoa hậu|á hậu|thí sinh|học sinh|sinh viên|thầy giáo|cô giáo|hoàng đế|nữ hoàng"
    "|hoàng hậu|công chúa|hoàng tử|nhà vua|giáo hoàng|hồng y|linh mục|giám mục|chiến sĩ|anh hùng|liệt sĩ"
    "|phi hành gia|tác giả|soạn giả|nhà soạn nhạc|nhà sáng lập|nhà phát minh|lãnh tụ|danh nhân|bị cáo|bị can"
)
PERSON_NOUNS = (*RELATIVES, *OFFICERS, *CALLINGS)

# Numbers of a telephone, not of a document: "gọi số nào", "đường dây nóng số mấy".
TELEPHONE = ("gọi", "điện thoại", "hotline", "đường dây nóng", "liên hệ", "zalo")
# The ends of question words that ask for a spot.
WHERE = ("đâu", "dau", "nơi nào", "chỗ nào", "địa điểm nào", "địa chỉ nào", "địa chỉ gì")
# What is counted by a measure is the thing measured; "%", "ha" stand for these words.
MEASURES = phrases(
    "phần trăm|phan tram|hecta|héc ta|ha|mét|km|ki lô mét|kilomet|kilômét|cây số|mét vuông|mét khối"
)
# A document that has a number: "công văn … mang số bao nhiêu".
NUMBERED = phrases(
    "nghị quyết|quyết định|kế hoạch|công văn|chỉ thị|nghị định|thông tư|kết luận|hướng dẫn|tờ trình|quy định"
)
# At the head of a question without question words they ask for a reason.
CAUSES = ("nguyên nhân", "lý do", "lí do")
