"""The words of those pydantic error types that a request can cause."""

from app.core.field_errors import FIELD_CODES, FieldCode
from app.core.texts import Text

UNKNOWN_FIELD = Text("値が正しくありません。", "Invalid value.")


def words_of(code: str) -> Text:
    """Of pydantic's codes and of the features' own."""
    known = FIELD_CODES.get(code)
    return UNKNOWN_FIELD if known is None else known.words


BOOL_PARSING = FieldCode(
    "bool_parsing",
    Text("true または false を指定してください。", "Must be true or false."),
)
BOOL_TYPE = FieldCode(
    "bool_type",
    Text("true または false を指定してください。", "Must be true or false."),
)
ENUM = FieldCode("enum", Text("選べない値です。", "Not one of the allowed values."))
EXTRA_FORBIDDEN = FieldCode("extra_forbidden", Text("この項目は送信できません。", "Unknown field."))
GREATER_THAN_EQUAL = FieldCode(
    "greater_than_equal",
    Text("{ge} 以上の値を指定してください。", "Must be {ge} or more."),
)
INT_FROM_FLOAT = FieldCode(
    "int_from_float", Text("整数を指定してください。", "Must be a whole number.")
)
INT_PARSING = FieldCode("int_parsing", Text("整数を指定してください。", "Must be a whole number."))
INT_PARSING_SIZE = FieldCode(
    "int_parsing_size", Text("数値が大きすぎます。", "The number is too large.")
)
INT_TYPE = FieldCode("int_type", Text("整数を指定してください。", "Must be a whole number."))
JSON_INVALID = FieldCode("json_invalid", Text("JSON の形式が正しくありません。", "Invalid JSON."))
LESS_THAN_EQUAL = FieldCode(
    "less_than_equal",
    Text("{le} 以下の値を指定してください。", "Must be {le} or less."),
)
LIST_TYPE = FieldCode("list_type", Text("配列を指定してください。", "Must be an array."))
LITERAL_ERROR = FieldCode(
    "literal_error", Text("選べない値です。", "Not one of the allowed values.")
)
MISSING = FieldCode("missing", Text("入力してください。", "Required."))
MODEL_ATTRIBUTES_TYPE = FieldCode(
    "model_attributes_type",
    Text("JSON のオブジェクトを送信してください。", "Must be a JSON object."),
)
STRING_PATTERN_MISMATCH = FieldCode(
    "string_pattern_mismatch",
    Text("形式が正しくありません。", "Invalid format."),
)
STRING_TOO_LONG = FieldCode(
    "string_too_long",
    Text("{max_length} 文字以内で入力してください。", "Must be {max_length} characters or fewer."),
)
STRING_TOO_SHORT = FieldCode(
    "string_too_short",
    Text("{min_length} 文字以上で入力してください。", "Must be at least {min_length} characters."),
)
STRING_TYPE = FieldCode("string_type", Text("文字列を指定してください。", "Must be a string."))
STRING_UNICODE = FieldCode(
    "string_unicode",
    Text("使えない文字が含まれています。", "Contains a character that isn't allowed."),
)
TOO_LONG = FieldCode(
    "too_long",
    Text("{max_length} 個以内にしてください。", "No more than {max_length} allowed."),
)
UUID_PARSING = FieldCode("uuid_parsing", Text("ID の形式が正しくありません。", "Invalid ID."))
UUID_TYPE = FieldCode("uuid_type", Text("ID の形式が正しくありません。", "Invalid ID."))
