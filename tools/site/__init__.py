"""The site: its build, the printed book, and the still images of the explorables."""
