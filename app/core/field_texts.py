"""The words of those pydantic error types that a request can cause."""

from app.core.field_errors import FIELD_CODES, FieldCode
from app.core.texts import Text

UNKNOWN_FIELD = Text("値が正しくありません。", "This value is not right.")


def words_of(code: str) -> Text:
    """Of pydantic's codes and of the features' own."""
    known = FIELD_CODES.get(code)
    return UNKNOWN_FIELD if known is None else known.words


BOOL_PARSING = FieldCode(
    "bool_parsing",
    Text("true または false を指定してください。", "This must be true or false."),
)
BOOL_TYPE = FieldCode(
    "bool_type",
    Text("true または false を指定してください。", "This must be true or false."),
)
ENUM = FieldCode("enum", Text("選べない値です。", "This is not one of the choices."))
EXTRA_FORBIDDEN = FieldCode(
    "extra_forbidden", Text("この項目は送信できません。", "This field is not accepted.")
)
GREATER_THAN_EQUAL = FieldCode(
    "greater_than_equal",
    Text("{ge} 以上の値を指定してください。", "This must be {ge} or more."),
)
INT_FROM_FLOAT = FieldCode(
    "int_from_float", Text("整数を指定してください。", "This must be a whole number.")
)
INT_PARSING = FieldCode(
    "int_parsing", Text("整数を指定してください。", "This must be a whole number.")
)
INT_PARSING_SIZE = FieldCode(
    "int_parsing_size", Text("数値が大きすぎます。", "This number is too large.")
)
INT_TYPE = FieldCode("int_type", Text("整数を指定してください。", "This must be a whole number."))
JSON_INVALID = FieldCode(
    "json_invalid", Text("JSON の形式が正しくありません。", "This is not valid JSON.")
)
LESS_THAN_EQUAL = FieldCode(
    "less_than_equal",
    Text("{le} 以下の値を指定してください。", "This must be {le} or less."),
)
LIST_TYPE = FieldCode("list_type", Text("配列を指定してください。", "This must be a list."))
LITERAL_ERROR = FieldCode(
    "literal_error", Text("選べない値です。", "This is not one of the choices.")
)
MISSING = FieldCode("missing", Text("入力してください。", "This is required."))
MODEL_ATTRIBUTES_TYPE = FieldCode(
    "model_attributes_type",
    Text("JSON のオブジェクトを送信してください。", "This must be a JSON object."),
)
STRING_PATTERN_MISMATCH = FieldCode(
    "string_pattern_mismatch",
    Text("形式が正しくありません。", "This does not have the right form."),
)
STRING_TOO_LONG = FieldCode(
    "string_too_long",
    Text(
        "{max_length} 文字以内で入力してください。",
        "This must be {max_length} characters or fewer.",
    ),
)
STRING_TOO_SHORT = FieldCode(
    "string_too_short",
    Text(
        "{min_length} 文字以上で入力してください。",
        "This must be at least {min_length} characters.",
    ),
)
STRING_TYPE = FieldCode("string_type", Text("文字列を指定してください。", "This must be text."))
STRING_UNICODE = FieldCode(
    "string_unicode",
    Text("使えない文字が含まれています。", "This contains a character that can't be used."),
)
TOO_LONG = FieldCode(
    "too_long",
    Text("{max_length} 個以内にしてください。", "At most {max_length} are allowed."),
)
UUID_PARSING = FieldCode(
    "uuid_parsing", Text("ID の形式が正しくありません。", "This is not a valid id.")
)
UUID_TYPE = FieldCode("uuid_type", Text("ID の形式が正しくありません。", "This is not a valid id."))
