from odoo.tests import tagged

from odoo.addons.cctv_sop.tests.assets.test_place_parallel import PlaceParallelCase, environment

from ..common import URL


@tagged("post_install", "-at_install")
class TestMainStreamParallel(PlaceParallelCase):
    """A camera put into use while its main stream is removed."""

    def setUp(self):
        super().setUp()
        with environment() as env:
            self.camera = self._new_camera(env)
            self.stream = env["cctv.camera.source"].create({"camera_id": self.camera, "url": URL}).id

    def _clean(self):
        with environment() as env:
            env.cr.execute("DELETE FROM cctv_camera_source WHERE camera_id = %s", [self.camera])
        super()._clean()

    def _put_into_use(self, env):
        env["cctv.camera"].browse(self.camera)._with_pass(["state"]).write({"state": "active"})

    def test_put_into_use_while_the_stream_is_removed(self):
        with self.refused_to_the_later() as late:
            with environment() as env:
                env["cctv.camera.source"].browse(self.stream).unlink()
            self._put_into_use(late)

    def test_stream_removed_while_put_into_use(self):
        with self.refused_to_the_later() as late:
            with environment() as env:
                self._put_into_use(env)
            late["cctv.camera.source"].browse(self.stream).unlink()
