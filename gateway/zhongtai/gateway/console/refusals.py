"""What the console itself refuses."""

from zhongtai.kernel.refusals import Denied, Invalid, Missing


class FormMalformed(Invalid):
    """The form did not come whole: load the page again and send it once more.

    表单不完整：请重新打开页面后再次提交。
    """


class FileMustBeSmaller(Invalid):
    """The file is too large: send one of {kibibytes} KiB at most.

    文件过大：请上传不超过{kibibytes} KiB的文件。
    """

    kibibytes: int


class FileMustBeOfKnownType(Invalid):
    """{name} cannot be attached: send a file that ends in {endings}.

    {name}不能作为附件：请上传{endings}文件。
    """

    name: str
    endings: str


class FormNotOurs(Denied):
    """The form was not made for your session: load the page again and send it once more.

    表单不属于当前会话：请重新打开页面后再次提交。
    """


class NothingHere(Missing):
    """There is no {name} here: go on from the overview.

    此处没有{name}：请从总览进入。
    """

    name: str
