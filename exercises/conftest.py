"""Lets pytest find your answers and explain what fails. You need not read this to do the exercises."""

from pathlib import Path

from deepbook.course.plugin import Course, add_options


def pytest_addoption(parser):
    add_options(parser)


def pytest_configure(config):
    config.pluginmanager.register(Course(config, Path(__file__).parent))
